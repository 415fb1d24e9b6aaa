"""What `trainmon run` puts before a user's program: a sitecustomize that waits until torch is imported."""
