import Foundation
import KerasTestSupport
import Testing

/// Neighbours and groups are those that a plain computation in double precision finds.
@Suite struct FeatureIndexTests {
  /// `[count, width]`, in which some rows are others times 2.
  private func features(_ count: Int, _ width: Int, first: Int = 1) -> [[Float]] {
    let numbers: [Float] = FormulaNumbers.images(
      first: first, batch: count, height: 1, width: width, channels: 1
    ).scalars()
    var rows = (0..<count).map { row in numbers[row * width..<(row + 1) * width].map { $0 - 120 } }
    for row in stride(from: 7, to: count, by: 50) { rows[row] = rows[row / 2].map { $0 * 2 } }
    return rows
  }

  private func tensor(_ rows: [[Float]]) throws -> Tensor {
    try Tensor(rows.flatMap { $0 }, shape: [rows.count, rows[0].count])
  }

  private func cosine(_ a: [Float], _ b: [Float]) -> Double {
    func sum(_ a: [Float], _ b: [Float]) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) }
    }
    return sum(a, b) / (sum(a, a) * sum(b, b)).squareRoot()
  }

  /// More rows than are read at once.
  @Test(arguments: [(5000, 3), (300, 37), (9, 1024), (2, 1)])
  func nearestAreTheNearest(_ count: Int, _ width: Int) throws {
    let rows = features(count, width)
    let queries = features(6, width, first: 5) + [rows[0], rows[count - 1]]
    let index = try FeatureIndex(tensor(rows), files: rows.indices.map { "\($0).jpg" })
    #expect(index.count == count && index.width == width)
    let found = try index.nearest(to: tensor(queries), count: 12)
    for (query, matches) in zip(queries, found) {
      let similarities = rows.map { cosine(query, $0) }
      let want = rows.indices.sorted { (similarities[$1], $0) < (similarities[$0], $1) }.prefix(12)
      #expect(matches.count == want.count)
      for (match, row) in zip(matches, want) {
        #expect(abs(match.similarity - similarities[row]) < 1e-12)
        // Two that differ in the last digit of a double may change places.
        #expect(match.index == row || abs(similarities[match.index] - similarities[row]) < 1e-12)
        #expect(match.file == "\(match.index).jpg")
      }
    }
  }

  @Test func equalOnesComeInOrder() throws {
    let row: [Float] = [0.1, -0.7, 0.3]
    var rows = features(9000, 3)
    let places = [4, 5, 4095, 4096, 8191, 8999]
    for place in places { rows[place] = row }
    let found = try FeatureIndex(tensor(rows)).nearest(to: tensor([row]), count: 5)[0]
    #expect(found.map(\.index) == Array(places.prefix(5)))
    #expect(found.allSatisfy { $0.similarity == 1 && $0.file == nil })
  }

  @Test func veryLargeAndSmallNumbers() throws {
    let rows: [[Float]] = [[3e38, 3e38], [1e-44, 0], [-3e38, 1e-3]]
    let found = try FeatureIndex(tensor(rows)).nearest(to: tensor([[1e38, 1e38]]))[0]
    #expect(found.map(\.index) == [0, 1, 2])
    #expect(abs(found[1].similarity - 0.5.squareRoot()) < 1e-9 && found[0].similarity == 1)
  }

  /// Neither a number nor a neighbour comes out of what points nowhere.
  @Test func withoutDirection() throws {
    let rows: [[Float]] = [[0, 0], [1, 2], [.nan, 1], [.infinity, 1], [1, 2.001]]
    let index = try FeatureIndex(tensor(rows))
    #expect(try index.nearest(to: tensor([[1, 2]]))[0].map(\.index) == [1, 4])
    #expect(try index.duplicates().map { $0.map(\.index) } == [[1, 4]])
    #expect(try index.duplicates(above: 0).map { $0.map(\.index) } == [[1, 4]])
    for (query, reason) in [
      ([0, 0], "all its features are 0."), ([.nan, 1], "its features hold NaN or infinities."),
    ]
      as [([Float], String)]
    {
      #expect {
        try index.nearest(to: tensor([[1, 1], query]))
      } throws: { error in
        (error as? KerasError)?.what == "Row 1 of the queries has no direction to compare: \(reason)"
      }
    }
    #expect(try FeatureIndex(tensor([[0, 0]])).nearest(to: tensor([[1, 2]])) == [[]])
  }

  @Test func whatDoesNotFit() throws {
    let index = try FeatureIndex(tensor([[1, 2], [3, 4]]))
    func message(_ body: () throws(KerasError) -> Void) -> String? {
      do throws(KerasError) { try body() } catch { return error.what }
      return nil
    }
    #expect(
      message { () throws(KerasError) in
        _ = try index.nearest(to: Tensor([1, 2, 3] as [Float], shape: [1, 3]))
      }
        == "The index holds 2 numbers for each picture, the query 3.")
    #expect(
      message { () throws(KerasError) in _ = try index.nearest(to: Tensor([1, 2] as [Float])) }
        == "Expected rows of features, [count, …], found shape [2].")
    #expect(
      message { () throws(KerasError) in
        _ = try index.nearest(to: Tensor([1, 2] as [Float], shape: [1, 2]), count: 0)
      }
        == "Expected at least one neighbour to look for, found 0.")
    #expect(
      message { () throws(KerasError) in _ = try index.duplicates(above: 1.5) }
        == "Expected a threshold from 0 to 1, found 1.5.")
    #expect(
      message { () throws(KerasError) in _ = try index.duplicates(above: .nan) }
        == "Expected a threshold from 0 to 1, found nan.")
    #expect(
      message { () throws(KerasError) in _ = try FeatureIndex(Tensor(zeros: [0, 5])) }
        == "Expected features of at least one picture, found [0, 5].")
    #expect(
      message { () throws(KerasError) in _ = try FeatureIndex(Tensor(zeros: [2, 5]), files: ["a"]) }
        == "1 files are named for 2 rows of features.")
    #expect(
      message { () throws(KerasError) in _ = try index.file(at: 2) } == "There is no row 2 in an index of 2.")
  }

  /// Connected parts, across blocks; the likeness is that to the first.
  @Test(arguments: [(300, 3, 0.999), (4200, 2, 1.0), (60, 20, 0.95)])
  func groupsAreConnected(_ count: Int, _ width: Int, _ threshold: Double) throws {
    var rows = features(count, width)
    if threshold == 1 {
      // No two alike but for some.
      rows = (0..<count).map { [Float(cos(Double($0) * 1e-3)), Float(sin(Double($0) * 1e-3))] }
      rows[4199] = rows[3]
      rows[4100] = rows[4097]
    }
    let found = try FeatureIndex(tensor(rows)).duplicates(above: threshold)
    var group = Array(rows.indices)
    for a in rows.indices {
      for b in a + 1..<count
      where (threshold < 1 ? cosine(rows[a], rows[b]) >= threshold : rows[a] == rows[b]) {
        let (one, other) = (min(group[a], group[b]), max(group[a], group[b]))
        if one != other { for row in rows.indices where group[row] == other { group[row] = one } }
      }
    }
    let want = Dictionary(grouping: rows.indices, by: { group[$0] }).values.filter { $0.count > 1 }
      .sorted { $0[0] < $1[0] }
    #expect(found.map { $0.map(\.index) } == want)
    #expect(found.count > 0)
    for group in found {
      #expect(group[0].similarity == 1)
      for twin in group {
        #expect(abs(twin.similarity - cosine(rows[group[0].index], rows[twin.index])) < 1e-12)
      }
    }
  }

  /// The ends of a chain are less alike than its links.
  @Test func aChainIsOneGroup() throws {
    let rows: [[Float]] = (0..<4).map { [cos(Float($0) * 0.3), sin(Float($0) * 0.3)] } + [[-1, 0]]
    let groups = try FeatureIndex(tensor(rows)).duplicates()
    #expect(groups.map { $0.map(\.index) } == [[0, 1, 2, 3]])
    #expect(abs(groups[0][3].similarity - cos(0.9)) < 1e-6)
  }
}

/// Files of features that others wrote, or damaged.
@Suite struct FeatureFileTests {
  private let folder: URL

  init() throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "keras-index-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  }

  private func put(_ text: String, at name: String) throws -> String {
    let path = folder.appending(path: name).path
    try text.write(toFile: path, atomically: false, encoding: .utf8)
    return path
  }

  private func error(_ path: String, layer: String? = nil) -> String? {
    do throws(KerasError) { _ = try FeatureIndex(contentsOf: path, layer: layer) } catch { return error.what }
    return nil
  }

  @Test func tablesAsOthersWriteThem() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let table = try put("file,f0,f1\r\n\"a \"\"b\"\", c\nd.jpg\",1,2e0\r\ne.jpg,-3,4.5\r\n", at: "a.csv")
    let index = try FeatureIndex(contentsOf: table)
    #expect(index.count == 2 && index.width == 2)
    #expect(try index.file(at: 0) == "a \"b\", c\nd.jpg")
    #expect(
      try index.nearest(to: Tensor([-3, 4.5] as [Float], shape: [1, 2]))[0].map(\.file) == [
        "e.jpg", "a \"b\", c\nd.jpg",
      ])
    let lines = try put(
      "{\"file\": \"x\", \"features\": [1, NaN]}\n{\"file\":\"y\",\"features\":[2.5,1]}\n", at: "a.jsonl")
    #expect(
      try FeatureIndex(contentsOf: lines).nearest(to: Tensor([1, 1] as [Float], shape: [1, 2]))[0].map(\.file)
        == ["y"])
    let layers = try put("{\"file\":\"x\",\"features\":{\"a\":[1],\"b\":[1,2]}}\n", at: "b.jsonl")
    #expect(try FeatureIndex(contentsOf: layers, layer: "b").width == 2)
    #expect(error(layers) == "The file holds features of 2 layers.")
    #expect(error(layers, layer: "c") == "The file holds no features of the layer c.")
  }

  @Test(arguments: [
    ("a.csv", "", "The file is empty."),
    ("a.csv", "file,f0\n", "This is not a file of features: it holds no pictures."),
    ("a.csv", "name,f0\nb,1\n", "This is not a file of features: its first line is not `file,f0,…`."),
    (
      "a.csv", "file,f0\na,1\nb,2",
      "This is not a file of features: its last line has no end, so the file is cut short."
    ),
    ("a.csv", "file,f0\na,1,2\n", "This is not a file of features: row 1 is not a name and 1 numbers."),
    (
      "a.csv", "file,f0\n\"a,1\n",
      "This is not a file of features: its last line has no end, so the file is cut short."
    ),
    ("a.csv", "file,f0,f1\na,1,x\n", "This is not a file of features: row 1 is not a name and 2 numbers."),
    (
      "a.jsonl", "{\"file\":\"a\"}\n",
      "This is not a file of features: line 1 is not {\"file\", \"features\"}."
    ),
    (
      "a.jsonl", "{\"file\":\"a\",\"features\":[1]}\n{\"file\":\"a\",\"features\":[1,2]}\n",
      "This is not a file of features: row 2 has [2] numbers, the first [1]."
    ),
    (
      "a.jsonl", "{\"file\":\"a\",\"features\":[1]}\n{\"file\":\"a\",\"features\":{\"b\":[1]}}\n",
      "This is not a file of features: line 2 has other features than the first."
    ),
    (
      "a.jsonl", "{\"file\":\"a\",\"features\":[1,\"b\"]}\n",
      "This is not a file of features: line 1 has other features than the first."
    ),
    ("a.npy", "file", "This is not a NumPy array, or a damaged one: the signature is missing."),
    ("a.txt", "x", "a.txt does not end in what says its format."),
  ])
  func whatIsNone(_ name: String, _ text: String, _ message: String) throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = try put(text, at: name)
    #expect(error(path)?.replacing(folder.path + "/", with: "") == message)
  }

  @Test func arraysOfOthers() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "a.npy").path
    try NumPy.save(Tensor([1, 2, 3, 4, 5, 6] as [Double], shape: [3, 2]), to: path)
    let index = try FeatureIndex(contentsOf: path)
    #expect(
      try index.nearest(to: Tensor([5, 6] as [Float], shape: [1, 2]), count: 1)[0].map(\.index) == [2])
    try NumPy.save(Tensor([1, 2, 3] as [Int32], shape: [3, 1]), to: path)
    #expect(
      error(path)
        == "This is not a file of features: `features` is missing, or not 3 rows of floating-point numbers.")
    try NumPy.save(Tensor([1, 2, 3] as [Float]), to: path)
    #expect(
      error(path)
        == "This is not a file of features: `features` is missing, or not 3 rows of floating-point numbers.")
  }

  @Test func identicalFiles() throws {
    defer { try? FileManager.default.removeItem(at: folder) }
    let texts = ["a": "one", "b": "two", "c": "one", "d": "three", "e": "two", "f": "", "g": ""]
    let paths = try texts.keys.sorted().map { try put(texts[$0] ?? "", at: $0) }
    let link = folder.appending(path: "link").path
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: paths[3])
    let groups = try IdenticalFiles.groups(among: paths + [paths[3], link])
    #expect(groups == [[paths[0], paths[2]], [paths[1], paths[4]], [paths[5], paths[6]]])
    #expect(throws: KerasError.self) { try IdenticalFiles.groups(among: [folder.path + "/none"]) }
  }
}
