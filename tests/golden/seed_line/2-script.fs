// library templates in a loop, rewiring with Q, and tree nodes walked by index and by forobjecttreeunder
treenode templates = library();
Array order = ["?Source", "?Queue", "?Processor", "?Sink"];
for (int i = 1; i <= order.length; i++) {
    Object one = createinstance(templates.find(order[i]), model());
    switch_destroyonreset(one, 0);
    setloc(one, 7 * i, 0, 0);
}
Object feed = Model.find("Source1"), wait = Model.find("Queue1"), press = Model.find("Processor1"), gone = Model.find("Sink1");
contextdragconnection(feed, wait, "A");
contextdragconnection(wait, gone, "A");
contextdragconnection(wait, feed, "A");
while (wait.outObjects.length > 0) {
    Object old = wait.outObjects[1];
    contextdragconnection(wait, old, "Q");
}
contextdragconnection(wait, press, "A");
contextdragconnection(press, gone, "A");
Array titles = ["Coils", "Coil Buffer", "Press", "Blanks Out"];
treenode all = model();
int named = 0;
for (int i = 1; i <= all.subnodes.length; i++) {
    treenode node = all.subnodes[i];
    if (node.is(Object)) {
        named++;
        node.name = titles[named];
    }
}
int heavy = 0;
forobjecttreeunder(model()) {
    if (a.name.startsWith("Press"))
        heavy++;
}
setname(press, "Press " + numtostring(heavy, 0, 0));
setvarnum(wait, "maxcontent", 40);
feed.setProperty("InterArrivalTime", 30);
press.setProperty("ProcessTime", [0.4, "min"]);
stoptime(hours(8));
