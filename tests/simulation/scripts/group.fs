Group g = Group("Machines");
Object s = Object.create("Source"); Object k = Object.create("Sink");
treenode grp = Tools.create("Group"); grp.name = "Machines";
for (int i = 0; i < 4; i++) {
   Object m = Object.create("Processor"); m.name = "M" + string.fromNum(i+1); m.location.x = 5*(i+1);
   m.setProperty("ProcessTime", 10 + 2*i);
   Group("Machines").addMember(m);
}
Group gm = Group("Machines");
contextdragconnection(s, gm[1], "A");
for (int i = 1; i < gm.length; i++) contextdragconnection(gm[i], gm[i+1], "A");
contextdragconnection(gm[gm.length], k, "A");
