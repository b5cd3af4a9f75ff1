"""AWS Lambda entry points: one composition root and one Mangum handler per file."""
