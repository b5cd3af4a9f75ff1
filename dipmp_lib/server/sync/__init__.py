"""Scheduled runs that copy logs, METADATA and large pages to the table and bucket that servers read in an outage."""
