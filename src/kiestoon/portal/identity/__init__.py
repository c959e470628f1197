"""How people prove who they are: passwords, second factors, passkeys, sessions."""
