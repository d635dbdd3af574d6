"""Speed and size of the portal, as ratios to a bare view measured in the same run: `make bench`.

The yardstick is a view with one query under the same server and settings (`urls.py`, never part of
the product). What runs is the real `portal serve`, on the demo institute in a temporary folder.
"""
