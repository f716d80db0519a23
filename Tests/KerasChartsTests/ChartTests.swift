import KerasCore
import KerasPreprocessing
import Testing

@testable import KerasCharts

@Suite struct ChartTests {
  private static func chart(_ values: [Double], name: String = "loss") -> Chart {
    let points = values.enumerated().map { (Double($0 + 1), $1) }
    return Chart(
      title: "Run <1>",
      panels: [
        Chart.Panel(
          name, xTitle: "epoch",
          series: [
            .init("training", points, .blue), .init("validation", points.map { ($0.0, $0.1 + 1) }, .orange),
          ],
          isWhole: true)
      ])
  }

  private func count(_ part: String, in text: String) -> Int { text.split(separator: part).count - 1 }

  @Test func curvesPointsAndLegend() {
    let svg = Self.chart([3, 2, 1.5]).svg()
    #expect(svg.hasPrefix("<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"460\" height=\"336\""))
    #expect(
      svg.contains(">Run &lt;1&gt;</text>") && svg.contains(">validation</text>")
        && svg.contains(">loss</text>"))
    #expect(count("<circle", in: svg) == 6)
    #expect(count("stroke=\"#0072b2\" stroke-width=\"2\"", in: svg) == 2)
    #expect(!svg.contains("href") && !svg.contains("script"))
  }

  @Test func numbersThatAreNoneInterruptTheLine() {
    let svg = Self.chart([1, .nan, 3, 2, .infinity]).svg()
    #expect(count("<circle", in: svg) == 6)
    // One line of two points in each curve, and one in each legend.
    #expect(count("stroke-width=\"2\"", in: svg) == 4)
  }

  @Test(arguments: [[], [.nan], [0], [1e-300, 1e300], [-1e308, 1e308], [5, 5, 5], [1e-12, 2e-12]])
  func anyNumbersCanBeDrawn(_ values: [Double]) throws {
    let chart = Self.chart(values, name: "f1_score[0] \u{7} é漢")
    #expect(chart.svg().contains(">\("f1_score[0] \u{7} é漢".asMarkup)<"))
    let picture = try chart.picture(scale: 1)
    #expect(picture.width == 460 && picture.height == 336)
  }

  @Test func picturesShowWhatTheSVGDoes() throws {
    let picture = try Self.chart([3, 2, 1.5]).picture()
    func pixel(_ x: Int, _ y: Int) -> [UInt8] {
      Array(picture.pixels[(y * picture.width + x) * 3..<(y * picture.width + x) * 3 + 3])
    }
    #expect(pixel(2, 2) == [255, 255, 255])
    // The first point of validation, 4, stands at the top left, of the last one of training at the bottom right.
    #expect(picture.pixels.chunks(of: 3).contains([0xD5, 0x5E, 0x00]))
    #expect(picture.pixels.chunks(of: 3).contains([0x00, 0x72, 0xB2]))
    // Letters are dark.
    let title = (0..<picture.width).flatMap { x in (30..<60).map { pixel(x, $0) } }
    #expect(title.contains { $0[0] < 0x60 })
  }

  @Test(
    arguments: [
      ([0.0, 1.0], false, ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
      ([1.0, 12.0], true, ["2", "4", "6", "8", "10", "12"]),
      ([1.0, 1.0], true, ["1"]),
      ([0.31, 0.36], false, ["0.31", "0.32", "0.33", "0.34", "0.35", "0.36"]),
      ([1e7, 3e7], false, ["1.00e+07", "1.50e+07", "2.00e+07", "2.50e+07", "3.00e+07"]),
    ])
  func marksAreRoundNumbers(_ values: [Double], _ isWhole: Bool, _ texts: [String]) {
    #expect(Axis(values, isWhole: isWhole, isTight: isWhole).ticks.map(\.text) == texts)
  }

  @Test func powersOfTen() {
    let axis = Axis([1e-6, 1, -3, 0], isLogarithmic: true)
    #expect(axis.ticks.map(\.text) == ["1e-6", "1e-4", "1e-2", "1e0"])
    #expect(axis.place(1e-3) == 0.5 && axis.place(0) == nil)
  }

  @Test func endingsOfFiles() {
    for path in ["curves", "a.svg/curves", "curves.jpg"] {
      #expect(
        throws: KerasError(
          .invalidArgument, "A plot is written as SVG or PNG.", path: [path],
          remedy: "let the file's name end in .svg or .png.")
      ) { try Chart.checkPath(path) }
    }
    #expect(throws: Never.self) { try Chart.checkPath("Curves.PNG") }
  }
}

extension [UInt8] {
  fileprivate func chunks(of count: Int) -> Set<[UInt8]> {
    Set(stride(from: 0, to: self.count, by: count).map { Array(self[$0..<$0 + count]) })
  }
}
