"""AWS on loopback that stacks can be deployed to: moto's server, and the CloudFormation types that moto lacks.

    python -m tests.support.aws.moto_cloudformation.serve 0    # prints {"url": "http://127.0.0.1:PORT"}; SIGINT ends it

A type that moto lacks is one row of `kinds.py`: the operations of the service's own API that create, change and delete
it. They are called over HTTP on this same server, so botocore checks every property against the service's model, and
boto3 shows the resources of a stack.
"""
