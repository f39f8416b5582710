"""The commands: a file for each group of them, the options they share, and the one door by which all of them leave."""
