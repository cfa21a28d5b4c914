"""The public contract: everything that clients can see, and all of Strawberry."""
