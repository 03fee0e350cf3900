"""How the school is doing: cycle, answer, evidence, submission, review, quality profile."""
