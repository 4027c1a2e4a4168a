"""The cache: what identifies an artifact, and where artifacts are kept."""
