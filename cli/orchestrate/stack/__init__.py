"""The whole system as processes of this machine: started, watched, restarted and stopped together."""
