"""What good is: catalogue of the eight SNP, legal basis, instruments. Never refers to a school year."""
