// The viewer of `gdt2usd export --html`: shows the embedded GLB, plays its one animation, tells a clicked object's facts.
import {
  AmbientLight, AnimationMixer, Box3, Clock, Color, DirectionalLight, HemisphereLight, PCFSoftShadowMap, PerspectiveCamera,
  Raycaster, Scene, Vector2, Vector3, WebGLRenderer, ACESFilmicToneMapping,
} from "three";
import { GLTFLoader } from "three/examples/jsm/loaders/GLTFLoader.js";
import { OrbitControls } from "three/examples/jsm/controls/OrbitControls.js";

const bytes = Uint8Array.from(atob(document.getElementById("factory").textContent.trim()), (c) => c.charCodeAt(0));
const time = document.getElementById("time");
const play = document.getElementById("play");
const clockText = document.getElementById("clock");
const facts = document.getElementById("facts");

const renderer = new WebGLRenderer({ antialias: true, preserveDrawingBuffer: true });
renderer.shadowMap.enabled = true;
renderer.shadowMap.type = PCFSoftShadowMap;
renderer.toneMapping = ACESFilmicToneMapping;
renderer.setPixelRatio(Math.min(devicePixelRatio, 2));
document.body.prepend(renderer.domElement);
const scene = new Scene();
scene.background = new Color(0xc3ccd3);
const camera = new PerspectiveCamera(40, 1, 0.1, 2000);
const controls = new OrbitControls(camera, renderer.domElement);

function resize() {
  renderer.setSize(innerWidth, innerHeight);
  camera.aspect = innerWidth / innerHeight;
  camera.updateProjectionMatrix();
}
addEventListener("resize", resize);
resize();

new GLTFLoader().parse(bytes.buffer, "", (model) => {
  scene.add(model.scene);
  model.scene.traverse((o) => { if (o.isMesh) { o.castShadow = true; o.receiveShadow = true; o.frustumCulled = false; } });
  const box = new Box3().setFromObject(model.scene);
  const middle = box.getCenter(new Vector3());
  const size = box.getSize(new Vector3());
  const reach = Math.max(size.x, size.z);
  camera.position.set(middle.x - 0.3 * reach, 0.42 * reach + 4, middle.z + 0.55 * reach + size.z * 0.4);
  controls.target.copy(middle).setY(0.5);
  controls.maxPolarAngle = 1.5;
  scene.add(new HemisphereLight(0xffffff, 0x88847c, 1.6), new AmbientLight(0xffffff, 0.35));
  const sun = new DirectionalLight(0xfff4e4, 2.2);
  sun.position.set(middle.x + 0.3 * reach, reach, middle.z + 0.5 * reach);
  sun.target.position.copy(middle);
  sun.castShadow = true;
  sun.shadow.mapSize.set(4096, 4096);
  Object.assign(sun.shadow.camera, { left: -reach, right: reach, top: reach, bottom: -reach, near: 1, far: 4 * reach });
  sun.shadow.bias = -0.0005;
  sun.shadow.normalBias = 0.05;
  scene.add(sun, sun.target);

  const clip = model.animations[0];
  const mixer = new AnimationMixer(model.scene);
  const duration = clip ? clip.duration : 0;
  const speed = (model.asset.extras || {}).simulationSecondsPerSecond || 1;
  if (clip) mixer.clipAction(clip).play(); else document.getElementById("bar").hidden = true;
  time.max = duration;
  let playing = Boolean(clip);
  let now = 0;
  play.onclick = () => { playing = !playing; play.textContent = playing ? "Pause" : "Play"; };
  time.oninput = () => { now = Number(time.value); };
  window.gdtShow = (t) => { now = t; playing = false; };
  const beat = new Clock();
  renderer.setAnimationLoop(() => {
    const step = beat.getDelta();
    if (playing && duration) now = (now + step) % duration;
    mixer.setTime(now);
    time.value = now;
    const s = Math.round(now * speed);
    clockText.textContent = [s / 3600, (s / 60) % 60, s % 60].map((v) => String(Math.floor(v)).padStart(2, "0")).join(":");
    controls.update();
    renderer.render(scene, camera);
    document.body.dataset.frames = Number(document.body.dataset.frames || 0) + 1;
  });

  const ray = new Raycaster();
  renderer.domElement.addEventListener("click", (event) => {
    ray.setFromCamera(new Vector2((event.clientX / innerWidth) * 2 - 1, 1 - (event.clientY / innerHeight) * 2), camera);
    const hit = ray.intersectObject(model.scene, true)[0];
    let found = hit && hit.object;
    while (found && !(found.userData && found.userData.kind)) found = found.parent;
    facts.hidden = !found;
    if (!found) return;
    facts.textContent = "";
    for (const [key, value] of Object.entries(found.userData)) {
      if (key === "name") continue;
      const row = facts.insertRow();
      row.insertCell().textContent = key.replaceAll(":", " ").replaceAll("_", " ");
      row.insertCell().textContent = typeof value === "number" ? Number(value.toPrecision(5)) : value;
    }
  });
}, (problem) => { document.body.dataset.problem = String(problem); facts.hidden = false; facts.textContent = String(problem); });
