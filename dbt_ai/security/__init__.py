"""What may be sent where, and with which secret."""
