Table t = Tools.create("GlobalTable");
t.name = "Stations";
t.setSize(3, 3);
t[1][1] = "Wash"; t[1][2] = 20; t[1][3] = 5;
t[2][1] = "Dry";  t[2][2] = 35; t[2][3] = 10;
t[3][1] = "Check"; t[3][2] = 18; t[3][3] = 15;
Object last = Object.create("Source");
last.setProperty("InterArrivalTime", 40);
for (int r = 1; r <= Table("Stations").numRows; r++) {
    Object m = Object.create("Processor");
    m.name = Table("Stations")[r][1];
    m.setProperty("ProcessTime", Table("Stations")[r][2]);
    m.setLocation(Table("Stations")[r][3], 0, 0, 0.5, 0.5, 0);
    contextdragconnection(last, m, "A");
    last = m;
}
contextdragconnection(last, Object.create("Sink"), "A");
