"""Checks about the history of a model: is it complete, is it true, and do its sources agree?"""
