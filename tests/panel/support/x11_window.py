#!/usr/bin/env python3
# Looks for the window of exactly this name: `x11_window.py count NAME` says how many are on screen,
# `x11_window.py close NAME` closes one as the button in its frame does.
#
# A window manager sends such a window a WM_DELETE_WINDOW message; without one, this does.

import ctypes
import sys

x11 = ctypes.CDLL("libX11.so.6")
Window = ctypes.c_ulong


class ClientMessage(ctypes.Structure):
    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", Window),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 24),
    ]


x11.XOpenDisplay.restype = ctypes.c_void_p
x11.XDefaultRootWindow.restype = Window
x11.XInternAtom.restype = ctypes.c_ulong


def children(display, window):
    root, parent, count = Window(), Window(), ctypes.c_uint()
    found = ctypes.POINTER(Window)()
    x11.XQueryTree(
        ctypes.c_void_p(display), Window(window), ctypes.byref(root), ctypes.byref(parent),
        ctypes.byref(found), ctypes.byref(count),
    )
    return [found[i] for i in range(count.value)]


def name(display, window):
    text = ctypes.c_char_p()
    x11.XFetchName(ctypes.c_void_p(display), Window(window), ctypes.byref(text))
    return (text.value or b"").decode()


def viewable(display, window):
    # XWindowAttributes is 136 bytes on 64-bit systems; map_state is the int at 92.
    attributes = (ctypes.c_ubyte * 256)()
    x11.XGetWindowAttributes(ctypes.c_void_p(display), Window(window), ctypes.byref(attributes))
    return ctypes.c_int.from_buffer(attributes, 92).value == 2


def all_windows(display, window):
    for child in children(display, window):
        yield child
        yield from all_windows(display, child)


def main():
    display = x11.XOpenDisplay(None)
    if not display:
        sys.exit("no display")
    root = x11.XDefaultRootWindow(ctypes.c_void_p(display))
    shown = [w for w in all_windows(display, root) if viewable(display, w)]
    matching = [w for w in shown if name(display, w) == sys.argv[2]]
    if sys.argv[1] == "count":
        print(len(matching))
        return
    if not matching:
        sys.exit(f"no window is named {sys.argv[2]}")
    event = ClientMessage(type=33, window=matching[0], format=32)
    event.message_type = x11.XInternAtom(ctypes.c_void_p(display), b"WM_PROTOCOLS", 0)
    event.data[0] = x11.XInternAtom(ctypes.c_void_p(display), b"WM_DELETE_WINDOW", 0)
    x11.XSendEvent(ctypes.c_void_p(display), Window(matching[0]), 0, 0, ctypes.byref(event))
    x11.XSync(ctypes.c_void_p(display), 0)


main()
