"""What is printed: values in, PDF or PNG out."""
