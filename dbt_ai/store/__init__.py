"""Answers that were paid for, kept and found again."""
