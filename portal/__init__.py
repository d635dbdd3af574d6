"""Portal: the online home of a professional body's members."""
