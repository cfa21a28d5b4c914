"""What outsiders were promised: the schema, the permissions, the walls between customers."""
