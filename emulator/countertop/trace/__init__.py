"""What happened in a transaction: masking while it is written down, rendering when somebody looks (docs/traces.md)."""
