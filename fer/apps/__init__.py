"""Applications: the laboratory in front of a class and a webcam."""
