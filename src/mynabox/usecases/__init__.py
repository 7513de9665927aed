"""What people do with the system: one file each, one function each."""
