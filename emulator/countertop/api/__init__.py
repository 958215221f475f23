"""The shared API core: what every v1 endpoint has in common.  No domain knowledge lives here."""
