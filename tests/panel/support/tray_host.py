#!/usr/bin/env python3
# A tray: owns the name that desktops' trays own, and writes the icons that register, one a line.

from gi.repository import Gio, GLib

INTERFACE = """<node><interface name="org.kde.StatusNotifierWatcher">
  <method name="RegisterStatusNotifierItem"><arg name="service" type="s" direction="in"/></method>
  <method name="RegisterStatusNotifierHost"><arg name="service" type="s" direction="in"/></method>
  <property name="RegisteredStatusNotifierItems" type="as" access="read"/>
  <property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
  <property name="ProtocolVersion" type="i" access="read"/>
</interface></node>"""
items = []


def call(_connection, _sender, _path, _interface, method, parameters, invocation):
    if method == "RegisterStatusNotifierItem":
        items.append(parameters.unpack()[0])
        print("item", items[-1], flush=True)
    invocation.return_value(None)


def get(_connection, _sender, _path, _interface, name):
    if name == "RegisteredStatusNotifierItems":
        return GLib.Variant("as", items)
    return GLib.Variant("i", 0) if name == "ProtocolVersion" else GLib.Variant("b", True)


def own(connection, _name):
    interface = Gio.DBusNodeInfo.new_for_xml(INTERFACE).interfaces[0]
    connection.register_object("/StatusNotifierWatcher", interface, call, get, None)
    print("ready", flush=True)


Gio.bus_own_name(
    Gio.BusType.SESSION, "org.kde.StatusNotifierWatcher", Gio.BusNameOwnerFlags.NONE, own, None, None
)
GLib.MainLoop().run()
