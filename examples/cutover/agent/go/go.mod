module example.com/lighthouse/agent

go 1.21

require example.com/tinycolumns v1.0.0
