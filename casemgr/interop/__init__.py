"""What other hospitals' programs ask of this one. Nothing about a person passes here."""
