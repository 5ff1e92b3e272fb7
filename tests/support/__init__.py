"""What several tests share: tables, samples, oracles and the parsed source. No test imports another test."""
