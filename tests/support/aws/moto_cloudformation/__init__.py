"""An AWS on loopback to which a stack can be deployed: moto's server, and the CloudFormation types that moto lacks.

    python -m tests.support.aws.moto_cloudformation.serve 0    # prints {"url": "http://127.0.0.1:PORT"}; SIGINT ends it

A type that moto lacks is one row of `kinds.py`: the operations of the service's own API that create, change and delete
it. They are called over HTTP on this same server, so botocore checks every property against the service's model, and
what a stack made is seen through boto3 like anything else.
"""
