"""What is made from a release."""
