Console.WriteLine("pgfast");
