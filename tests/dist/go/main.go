package main

import (
	"fmt"
	"os"

	"pointsman.example/pointsman"
)

func main() {
	text, _ := os.ReadFile("zone.json")
	report, _ := os.ReadFile("report.json")
	zone, err := pointsman.Load(pointsman.Document{Name: "zone.json", Text: string(text)})
	if err != nil {
		panic(err)
	}
	view, err := zone.Health(string(report))
	if err != nil {
		panic(err)
	}
	fmt.Println(view.Resolve(pointsman.Query{Name: "www.example.com", Type: "A"}))
}
