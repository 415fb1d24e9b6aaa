Console.WriteLine("trainmon");
