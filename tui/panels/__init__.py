"""The panels of the screen, one file each. A panel gets the board and draws it; it knows no other panel."""
