"""What outlives a process on AWS: logs in DynamoDB, objects in S3. boto3 is imported when first used, not before."""
