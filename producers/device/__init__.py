"""What the station client is made of: sending in order, its status, the road back."""
