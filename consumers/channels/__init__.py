"""The ways of telling a contact point, one file each."""
