"""The probability landscape of the arms, measured beside their answers."""
