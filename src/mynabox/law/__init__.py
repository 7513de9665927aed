"""What the rules say: dated, cited values and pure functions over them."""
