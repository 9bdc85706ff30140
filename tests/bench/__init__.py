"""The measurements' own parts: what decides and what is written. The figures themselves are never tested."""
