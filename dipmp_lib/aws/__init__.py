"""AWS: logs in DynamoDB, objects in S3, parameters in Systems Manager. boto3 is imported when it is first used."""
