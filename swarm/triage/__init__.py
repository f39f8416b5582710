"""Triage: which of the changes that are about to be committed breaks which test."""
