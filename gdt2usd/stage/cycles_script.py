"""Run by Blender's Python, never imported by the package: one frame of a USD file with Cycles. The job is JSON, argument 1."""

from __future__ import annotations

import json
import math
import sys
from typing import Any


def main() -> None:
    """Import the stage, set light and camera, render."""
    import bpy  # type: ignore[import-not-found]
    from mathutils import Matrix, Vector  # type: ignore[import-not-found]

    job: dict[str, Any] = json.loads(sys.argv[1])
    bpy.ops.wm.read_factory_settings(use_empty=True)
    bpy.ops.wm.usd_import(filepath=job["stage"], import_cameras=False, import_lights=False)
    scene = bpy.context.scene
    if job["frame"] is not None:
        scene.frame_set(int(job["frame"]), subframe=job["frame"] % 1)
    world = bpy.data.worlds.new("Hall")
    world.use_nodes = True
    world.node_tree.nodes["Background"].inputs[0].default_value = (0.86, 0.9, 0.95, 1)
    world.node_tree.nodes["Background"].inputs[1].default_value = 0.8
    scene.world = world
    sun = bpy.data.objects.new("Sun", bpy.data.lights.new("Sun", "SUN"))
    sun.data.energy, sun.data.angle = 2.6, math.radians(4)
    sun.rotation_mode = "QUATERNION"
    sun.rotation_quaternion = Vector(job["sun"]).to_track_quat("Z", "Y")
    scene.collection.objects.link(sun)
    camera = bpy.data.objects.new("View", bpy.data.cameras.new("View"))
    camera.data.sensor_fit, camera.data.angle = "HORIZONTAL", 2 * math.atan(job["tan_x"])
    camera.data.clip_end = 10_000
    columns = [*job["axes"], job["eye"]]
    camera.matrix_world = Matrix([[columns[c][r] for c in range(4)] for r in range(3)] + [[0, 0, 0, 1]])
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.engine = "CYCLES"
    scene.cycles.samples, scene.cycles.use_denoising = job["samples"], True
    scene.render.resolution_x, scene.render.resolution_y = job["size"]
    scene.render.filepath = job["out"]
    scene.view_settings.view_transform = "AgX"
    bpy.ops.render.render(write_still=True)


if __name__ == "__main__":
    main()
