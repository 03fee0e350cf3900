"""Shared tools without tables and without rules of the field."""
