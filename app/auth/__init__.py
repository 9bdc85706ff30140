"""Who is who: access tokens, passwords, sessions."""
